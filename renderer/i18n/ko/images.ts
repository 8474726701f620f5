export const images = {
  title: '이미지',
}
