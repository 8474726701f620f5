export const activity = { title: '활동' }
