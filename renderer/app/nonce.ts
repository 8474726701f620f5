/**
 * Gives every `<style>` element that a library creates the nonce of the page's Content-Security-Policy. Must be the
 * first import of the page: terminals and editors create their style elements while they load. A `style` attribute has no
 * nonce; the same text set through the element's style object is allowed, so terminals (colours of a cell) get that.
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

  const setAttribute = HTMLElement.prototype.setAttribute
  HTMLElement.prototype.setAttribute = function (this: HTMLElement, name: string, value: string): void {
    if (name === 'style') this.style.cssText = value
    else setAttribute.call(this, name, value)
  }
}
