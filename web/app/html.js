/** Preact with tagged templates in place of a build step. */
import htm from './vendor/htm.js'
import { Component, h, render } from './vendor/preact.js'

export const html = htm.bind(h)
export { render }

/**
 * A component that is drawn again only when one of its properties is another value.
 *
 * @param {(props: any) => any} view
 */
export function memo(view) {
  return class Memo extends Component {
    shouldComponentUpdate(next) {
      const names = new Set([...Object.keys(next), ...Object.keys(this.props)])
      return [...names].some((name) => next[name] !== this.props[name])
    }

    render(props) {
      return view(props)
    }
  }
}

/** Class names, without those that are off. */
export const classes = (...names) => names.filter(Boolean).join(' ')
