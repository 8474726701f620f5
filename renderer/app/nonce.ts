/**
 * Gives every `<style>` element that a library creates the nonce of the page's Content-Security-Policy. Must be the
 * first import of the page: terminals and editors create their style elements while they load.
 */
export const cspNonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? ''

if (cspNonce) {
  const create = document.createElement.bind(document)
  const withNonce = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element = create(name, options)
    if (element instanceof HTMLStyleElement) element.nonce = cspNonce
    return element
  }
  document.createElement = withNonce as typeof document.createElement
}
