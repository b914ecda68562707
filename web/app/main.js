import { html, render } from './html.js'
import { startRouting } from './state/routing.js'
import { resume } from './state/session.js'
import { App } from './views/app.js'

startRouting()
resume()
render(html`<${App} />`, document.getElementById('app'))
