/** 가상 머신; error-hints.ts의 일부. */
export const vmHints = {
  'vm-boot': { text: '가상 머신이 첫 프로그램까지 부팅하지 못했습니다.', next: '시도한 방법은 아래에 있고, 같은 내용이 로그에도 있습니다.' },
}
