export const ports = {
  title: 'Ports',
}
