import { expect, test } from 'vitest'
import { i18n } from '../../../renderer/i18n/index.ts'
import { withParticles } from '../../../renderer/i18n/particles.ts'

test.each([
  ['내장 엔진을(를) 중지할까요?', '내장 엔진을 중지할까요?'],
  ['나루을(를) 엽니다', '나루를 엽니다'],
  ['코드 137(으)로 끝남', '코드 137로 끝남'],
  ['코드 0(으)로 끝남', '코드 0으로 끝남'],
  ['코드 2(으)로 끝남', '코드 2로 끝남'],
  ['8080은(는) 쓰고 있어 8081을(를) 골랐습니다', '8080은 쓰고 있어 8081을 골랐습니다'],
  ['“주문”이(가) 들어간', '“주문”이 들어간'],
  ['서버와(과) 같은', '서버와 같은'],
  ['서울(으)로', '서울로'],
  ['web을(를) 삭제할까요?', 'web을(를) 삭제할까요?'],
  ['메모리 68.7GB은(는) 많습니다', '메모리 68.7GB는 많습니다'],
  ['512 B(으)로, 3 ms이(가), 12 %을(를)', '512 B로, 3 ms가, 12 %를'],
  ['2 GiB와(과) 같은', '2 GiB와 같은'],
  ['v2B은(는) 크기가 아니다', 'v2B은(는) 크기가 아니다'],
  ['\u2063nginx:1.27\u2063은(는) 이미 있어', '\u2063nginx:1.27\u2063은 이미 있어'],
  ['no particles here', 'no particles here'],
])('%s', (text, expected) => expect(withParticles(text)).toBe(expected))

test('every message goes through it', () => {
  i18n.global.locale.value = 'ko'
  try {
    expect(i18n.global.t('engines.stopTitle', { name: '내장 엔진' })).toBe('내장 엔진을 중지할까요?')
  } finally {
    i18n.global.locale.value = 'en'
  }
})
