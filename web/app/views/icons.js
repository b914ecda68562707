/** Line icons, drawn here: 20 by 20, in the colour of the text around them. */
import { html } from '../html.js'

const icon = (line, box = '0 0 20 20') => () => html`
  <svg class="icon" viewBox=${box} aria-hidden="true" focusable="false"><path d=${line} /></svg>
`

export const Bell = icon('M5 13.5V9a5 5 0 0 1 10 0v4.5l1.2 1.5H3.8L5 13.5ZM8 15.5a2 2 0 0 0 4 0')
export const Plus = icon('M10 4v12M4 10h12')
export const Back = icon('M12.5 4 6.5 10l6 6')
export const Close = icon('m5 5 10 10M15 5 5 15')
export const More = icon('M10 5.2v.1M10 10v.1M10 14.8v.1')
export const Send = icon('M3.5 10h7M3.5 10 2.6 4.3a.6.6 0 0 1 .9-.6l13.2 5.8a.6.6 0 0 1 0 1L3.5 16.3a.6.6 0 0 1-.9-.6L3.5 10Z')
export const SignOutIcon = icon('M8 3.5H4.5v13H8M12.5 6.5 16 10l-3.5 3.5M16 10H8')
export const Bin = icon('M4 6h12M8 6V4h4v2M5.5 6l.7 10.5h7.6L14.5 6M8.5 9v4.500M11.5 9v4.5')
export const Copy = icon('M7.5 7.500V4h8.500v8.500h-3.500M4 7.500h8.500V16H4Z')
export const Down = icon('M5 8l5 5 5-5')
export const People = icon('M8 9.500a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.600ZM2.5 16a5.5 5.5 0 0 1 11 0M13.2 4.200a2.7 2.7 0 0 1 0 5.100M15 11.700a5 5 0 0 1 2.5 4.3')
export const Leave = SignOutIcon
export const Alert = icon('M10 6.500v4.200M10 13.400v.1M10 2.800a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.400Z')
export const Check = icon('m4.5 10.5 3.5 3.5 7.5-8')
export const Info = icon('M10 9.300v4.200M10 6.600v.1M10 2.800a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.400Z')
export const Chat = icon('M3 5.500A2.5 2.5 0 0 1 5.5 3h9A2.5 2.5 0 0 1 17 5.500v6a2.5 2.5 0 0 1-2.5 2.500H9l-4 3v-3.100A2.5 2.5 0 0 1 3 11.500Z')

export const Clock = icon('M8 4.500V8l2.2 1.400M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z', '0 0 16 16')
export const OneTick = icon('m2.5 8.6 2.8 2.8L11 5', '0 0 13 16')
export const TwoTicks = icon('m1.5 8.6 2.8 2.800L10 5M8.3 10.600l.9.8L15 5', '0 0 18 16')
