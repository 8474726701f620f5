/*
 * Chromium breaks off loads when a network interface comes or goes, and a starting engine makes some. A script or style
 * that was broken off is not asked for again by the browser: the page is, a few times. main.ts forgets the count.
 */
addEventListener(
  'error',
  ({ target }) => {
    const needed = target instanceof HTMLScriptElement || (target instanceof HTMLLinkElement && /stylesheet|modulepreload/.test(target.rel))
    const reloads = Number(sessionStorage.getItem('naru.reloads') ?? 0)
    if (!needed || reloads >= 10) return
    sessionStorage.setItem('naru.reloads', String(reloads + 1))
    setTimeout(() => location.reload(), 100 * (reloads + 1))
  },
  true,
)
