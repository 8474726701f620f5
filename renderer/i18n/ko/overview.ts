export const overview = { title: '개요' }
