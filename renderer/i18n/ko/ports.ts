export const ports = {
  title: '포트',
}
