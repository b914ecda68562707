/** What Grafana's application gives to its libraries: the least that they can't do without. */
import { EventBusSrv, GrafanaTheme2, LoadingState, PanelData } from '@grafana/data'
import { initPluginTranslations } from '@grafana/i18n'
import {
  config, setAppEvents, setPluginImportUtils, setRunRequest, toDataQueryError,
} from '@grafana/runtime'
import { catchError, from, map, Observable, of } from 'rxjs'

export async function surround(theme: GrafanaTheme2): Promise<void> {
  await initPluginTranslations('circles')
  Object.assign(config, { theme2: theme })
  setAppEvents(new EventBusSrv())
  setPluginImportUtils({
    getPanelPluginFromCache: () => undefined,
    importPanelPlugin: async (type) => {
      throw new Error(`This page has no panels of type ${type}`)
    },
  })
  setRunRequest((source, request): Observable<PanelData> => {
    const timeRange = request.range
    return from(source.query(request)).pipe(
      map(({ data }) => ({ state: LoadingState.Done, series: data, timeRange, request })),
      catchError((error) => {
        // The panel shows only that there is one.
        reportError(error)
        const errors = [toDataQueryError(error)]
        return of({ state: LoadingState.Error, series: [], timeRange, request, errors })
      }),
    )
  })
}
