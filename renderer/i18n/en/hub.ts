export const hub = {
  title: 'Hub',
}
