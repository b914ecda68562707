/** Prometheus' HTTP API as a source of data: what Grafana's server would ask and pass on. */
import {
  createDataFrame, DataFrame, DataQuery, DataQueryRequest, DataQueryResponse, FieldType, Labels,
} from '@grafana/data'
import { RuntimeDataSource } from '@grafana/scenes'

interface Query extends DataQuery {
  expr: string
  legendFormat: string
}

interface Series {
  metric: Labels
  /** Epoch seconds, and the value as text. */
  values: [number, string][]
}

export class Prometheus extends RuntimeDataSource {
  /** `uid` is the one that the dashboard's panels name; `rateInterval` is what Grafana would put in
      for `$__rate_interval`. */
  constructor(uid: string, private readonly rateInterval: string) {
    super('prometheus', uid)
  }

  async query(request: DataQueryRequest<Query>): Promise<DataQueryResponse> {
    const answers = await Promise.all(request.targets.map((query) => this.ask(query, request)))
    return { data: answers.flat() }
  }

  private async ask(query: Query, { range, intervalMs }: DataQueryRequest): Promise<DataFrame[]> {
    const asked = new URLSearchParams({
      query: query.expr.replaceAll('$__rate_interval', this.rateInterval),
      start: String(range.from.valueOf() / 1000),
      end: String(range.to.valueOf() / 1000),
      step: String(intervalMs / 1000),
    })
    const answer = await fetch(`/api/v1/query_range?${asked}`)
    const body = await answer.json()
    if (body.status !== 'success') throw new Error(`${query.expr}: ${body.error}`)
    return body.data.result.map((series: Series) => asFrame(series, query, intervalMs))
  }
}

function asFrame({ metric, values }: Series, query: Query, interval: number): DataFrame {
  const legend = query.legendFormat.replace(/{{\s*(\w+)\s*}}/g, (_, label) => metric[label] ?? '')
  return createDataFrame({
    refId: query.refId,
    fields: [
      {
        name: 'Time',
        type: FieldType.time,
        // With it a gap is drawn as a gap.
        config: { interval },
        values: values.map(([at]) => at * 1000),
      },
      {
        name: 'Value',
        type: FieldType.number,
        labels: metric,
        config: { displayNameFromDS: legend },
        values: values.map(([, value]) => (Number.isFinite(Number(value)) ? Number(value) : null)),
      },
    ],
  })
}
