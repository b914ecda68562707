/** The panel of type "timeseries", as Grafana has it in its application and not in its libraries:
    its libraries' graph and legend, and the defaults that the file leaves out. */
import {
  FieldColorModeId, FieldConfigProperty, identityOverrideProcessor, PanelPlugin, PanelProps,
  standardFieldConfigEditorRegistry,
} from '@grafana/data'
import { TimeSeries, UPlotConfigBuilder, VizLegendOptions } from '@grafana/ui'
import { useLayoutEffect, useRef } from 'react'

interface Options {
  legend: VizLegendOptions
}

// A setting is let through only when it is registered, with how it would be edited.
const NOBODY_EDITS = {
  editor: () => null,
  override: () => null,
  process: identityOverrideProcessor,
  shouldApply: () => true,
  settings: {},
}

export function timeseries(): PanelPlugin<Options> {
  const standard = [FieldConfigProperty.Unit, FieldConfigProperty.Min, FieldConfigProperty.Color]
  standardFieldConfigEditorRegistry.setInit(() =>
    standard.map((id) => ({ ...NOBODY_EDITS, id, path: id, name: id })))
  return new PanelPlugin<Options>(Graph)
    .setPanelOptions((options) => {
      const path = 'legend.showLegend'
      options.addCustomEditor({ ...NOBODY_EDITS, id: path, path, name: path, defaultValue: true })
    })
    .useFieldConfig({
      standardOptions: {
        [FieldConfigProperty.Color]: { defaultValue: { mode: FieldColorModeId.PaletteClassic } },
      },
      useCustomConfig: (custom) => {
        for (const path of ['fillOpacity', 'showPoints'])
          custom.addCustomEditor({ ...NOBODY_EDITS, id: path, path, name: path })
      },
    })
}

function Graph({ title, data, timeRange, timeZone, width, height, options }: PanelProps<Options>) {
  // Whoever photographs the page waits until each panel says how many curves it has drawn.
  const panel = useRef<HTMLDivElement>(null)
  const tell = (curves: number) => { panel.current!.dataset.curves = String(curves) }
  return (
    <div ref={panel} data-panel={title} style={{ width, height }}>
      {data.series.length ? (
        <TimeSeries
          frames={data.series} structureRev={data.structureRev} options={options}
          legend={options.legend} timeRange={timeRange} timeZone={timeZone}
          width={width} height={height}
        >
          {(config) => <Drawn config={config} tell={tell} />}
        </TimeSeries>
      ) : <NoData tell={tell} />}
    </div>
  )
}

interface Telling {
  /** Of how many curves some value is not 0. */
  tell: (curves: number) => void
}

function Drawn({ config, tell }: Telling & { config: UPlotConfigBuilder }) {
  useLayoutEffect(() => {
    config.addHook('draw', (plot) => {
      const [, ...curves] = plot.data
      tell(curves.filter((values) => Array.from(values).some(Boolean)).length)
    })
  }, [config])
  return null
}

function NoData({ tell }: Telling) {
  useLayoutEffect(() => tell(0))
  return <div style={{ display: 'grid', placeItems: 'center', height: '100%' }}>No data</div>
}
