/** A token as an issuer would make it, but for the signature, which only servers look at. */
export function tokenOf(
  sub,
  { exp, iat = exp === undefined ? undefined : exp - 3600, ...rest } = {},
) {
  const part = (fields) => Buffer.from(JSON.stringify(fields)).toString('base64url')
  return `${part({ alg: 'HS256' })}.${part({ sub, exp, iat, ...rest })}.${Math.random()}`
}
