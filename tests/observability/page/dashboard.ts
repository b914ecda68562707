/** The dashboard's file as a scene of Grafana's: its panels in its grid, over a range of time. */
import { DataQuery, FieldConfigSource } from '@grafana/data'
import {
  EmbeddedScene, SceneControlsSpacer, SceneGridItem, SceneGridLayout, SceneQueryRunner,
  SceneRefreshPicker, SceneTimePicker, SceneTimeRange, VizPanel,
} from '@grafana/scenes'

/** Of Grafana's model of a dashboard, what the file uses. */
export interface Dashboard {
  title: string
  timezone: string
  refresh: string
  panels: Panel[]
}

interface Panel {
  id: number
  type: string
  title: string
  description: string
  datasource: { type: string, uid: string }
  gridPos: { x: number, y: number, w: number, h: number }
  fieldConfig: FieldConfigSource
  options: object
  targets: DataQuery[]
}

/** `from` and `to` are ISO times; `interval` is that of scraping: nothing finer is asked for. */
export interface Range {
  from: string
  to: string
  interval: string
}

export function asScene(dashboard: Dashboard, { from, to, interval }: Range): EmbeddedScene {
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from, to, timeZone: dashboard.timezone }),
    controls: [
      new SceneControlsSpacer(),
      new SceneTimePicker({}),
      new SceneRefreshPicker({ refresh: dashboard.refresh }),
    ],
    body: new SceneGridLayout({
      isDraggable: false,
      isResizable: false,
      children: dashboard.panels.map((panel) => asItem(panel, interval)),
    }),
  })
}

function asItem(panel: Panel, interval: string): SceneGridItem {
  const { x, y, w, h } = panel.gridPos
  return new SceneGridItem({
    x, y, width: w, height: h,
    body: new VizPanel({
      key: `panel-${panel.id}`,
      pluginId: panel.type,
      title: panel.title,
      description: panel.description,
      fieldConfig: panel.fieldConfig,
      options: panel.options,
      $data: new SceneQueryRunner({
        datasource: panel.datasource,
        queries: panel.targets,
        minInterval: interval,
        maxDataPointsFromWidth: true,
      }),
    }),
  })
}
