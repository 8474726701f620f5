export const settings = { title: '설정' }
