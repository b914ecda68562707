/** The repository's dashboard, drawn by Grafana's own components from Prometheus: for the picture
    in docs/observability.md. Its address says the range of time, and the intervals of scraping and
    of rates. */
import { createTheme, ThemeContext } from '@grafana/data'
import { EmbeddedScene, sceneUtils } from '@grafana/scenes'
import { GlobalStyles, PortalContainer, Stack, Text } from '@grafana/ui'
import { useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'

import { asScene, Dashboard } from './dashboard'
import { dependencies } from './package.json'
import { Prometheus } from './prometheus'
import { surround } from './surroundings'
import { timeseries } from './timeseries'

const WHAT_IT_IS =
  `The repository's dashboard file, drawn by Grafana's own components (@grafana/scenes ` +
  `${dependencies['@grafana/scenes']}, @grafana/ui ${dependencies['@grafana/ui']}) ` +
  `from Prometheus, without Grafana's server around it.`

const theme = createTheme({ colors: { mode: 'light' } })

function Page({ dashboard, scene }: { dashboard: Dashboard, scene: EmbeddedScene }) {
  const lettersAreThere = useLetters()
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <main style={{ padding: theme.spacing(2), background: theme.colors.background.canvas }}>
        <Stack direction="column" gap={1}>
          <Text element="h1" variant="h3">{dashboard.title}</Text>
          <Text element="p" color="secondary">{WHAT_IT_IS}</Text>
          {lettersAreThere && <scene.Component model={scene} />}
        </Stack>
      </main>
      <PortalContainer />
    </ThemeContext.Provider>
  )
}

/** A graph draws its words once, in the letters that are there by then. */
function useLetters(): boolean {
  const [areThere, say] = useState(false)
  useEffect(() => {
    const wanted = [400, 500].map((weight) => document.fonts.load(`${weight} 12px Inter`))
    void Promise.all(wanted).then(() => say(true))
  }, [])
  return areThere
}

async function show(): Promise<void> {
  const { from, to, interval, rate } = Object.fromEntries(new URLSearchParams(location.search))
  const dashboard: Dashboard = await (await fetch('circles.json')).json()
  await surround(theme)
  sceneUtils.registerRuntimePanelPlugin({ pluginId: 'timeseries', plugin: timeseries() })
  for (const uid of new Set(dashboard.panels.map((panel) => panel.datasource.uid)))
    sceneUtils.registerRuntimeDataSource({ dataSource: new Prometheus(uid, rate) })
  const scene = asScene(dashboard, { from, to, interval })
  createRoot(document.getElementById('page')!).render(<Page dashboard={dashboard} scene={scene} />)
}

void show()
