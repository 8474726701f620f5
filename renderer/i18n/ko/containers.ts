export const containers = {
  title: '컨테이너',
}
