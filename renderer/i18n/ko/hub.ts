export const hub = {
  title: '허브',
}
