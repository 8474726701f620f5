import { hint } from './error-hints.ts'

export const errors = {
  ownWords: '엔진이 보낸 원문',
  code: {
    'engine-unreachable': {
      text: '엔진이 응답하지 않습니다.',
      next: '나루가 계속 다시 연결합니다. 오래 걸리면 엔진을 시작하거나 다른 엔진을 고르세요.',
    },
    'engine-starting': { text: '엔진이 아직 시작하는 중입니다.', next: '몇 초 뒤에 다시 시도하세요.' },
    'engine-incompatible': {
      text: '이 엔진은 나루가 쓰기에 너무 오래되었습니다.',
      named: '이 엔진의 API는 {apiVersion}입니다. 나루에는 {needed} 이상이 필요합니다.',
      next: '엔진을 업데이트하거나 다른 엔진을 고르세요.',
    },
    'engine-not-an-engine': {
      text: '응답은 있지만 컨테이너 엔진이 아닙니다.',
      named: '{path}은(는) 컨테이너 엔진의 소켓이 아닙니다.',
      next: '경로를 확인하세요. Docker는 보통 /var/run/docker.sock을 씁니다.',
    },
    'provider-absent': {
      text: '이 컴퓨터에서는 이 엔진을 쓸 수 없습니다.',
      next: '필요한 것을 설치하거나 다른 엔진을 고르세요.',
    },
    'provider-boot-failed': {
      text: '엔진을 시작하지 못했습니다.',
      next: '아래 원문에 대개 원인이 적혀 있습니다. 고친 뒤 다시 시도하세요.',
    },
    'provider-exited': { text: '엔진이 예기치 않게 멈췄습니다.', next: '컨테이너는 그대로입니다. 다시 시작하세요.' },
    'provider-image-corrupt': {
      text: '내장 엔진의 파일이 손상되었습니다.',
      next: 'npm start로 다시 만드세요. 컨테이너와 이미지는 건드리지 않습니다.',
    },
    'registry-unreachable': {
      text: '레지스트리에 연결할 수 없습니다.',
      named: '{registry}에 연결할 수 없습니다.',
      next: '네트워크를 확인하고 다시 시도하세요.',
    },
    'not-found': { text: '이미 없습니다.', named: '{name}은(는) 이미 없습니다.', next: '목록은 최신 상태입니다.' },
    'image-not-found': {
      text: '그런 이미지가 없습니다.',
      named: '{reference} 이미지가 없습니다.',
      next: '이름과 태그를 확인하세요.',
    },
    'archive-broken': {
      text: '이미지 아카이브가 손상되었습니다.',
      named: '이미지 아카이브가 {position}바이트 위치에서 손상되었습니다.',
      next: '내용은 표시하지 않습니다. 다시 시도하고, 계속되면 이미지를 다시 받거나 빌드하세요.',
    },
    conflict: { text: '다른 것과 충돌하여 엔진이 거부했습니다.', next: '엔진이 보낸 원문을 확인하세요.' },
    'name-in-use': {
      text: '이미 쓰고 있는 이름입니다.',
      named: '{name} 이름은 {holder}에서 쓰고 있습니다.',
      next: '다른 이름을 고르거나 그 이름을 쓰는 것을 삭제하세요.',
    },
    'port-in-use': {
      text: '이미 쓰고 있는 포트입니다.',
      named: '{port} 포트는 {holder}에서 쓰고 있습니다.',
      next: '다른 포트를 고르거나 그 포트를 쓰는 것을 중지하세요.',
    },
    'in-use': {
      text: '아직 사용 중입니다.',
      named: '{holder}에서 아직 사용 중입니다.',
      next: '사용하는 것을 먼저 삭제하거나 강제로 진행하세요.',
    },
    running: {
      text: '실행 중인 컨테이너입니다.',
      named: '{name}이(가) 실행 중입니다.',
      next: '먼저 중지하거나 강제로 삭제하세요.',
    },
    denied: { text: '권한이 없습니다.', named: '{path}에 대한 권한이 없습니다.', next: '소유자를 확인하세요.' },
    unauthorized: {
      text: '레지스트리가 로그인을 요구하거나 로그인을 거부했습니다.',
      next: '이미지가 있는지, 읽을 권한이 있는지 확인하세요.',
    },
    'rate-limited': {
      text: '레지스트리의 요청 한도를 넘었습니다.',
      next: '잠시 기다리거나 로그인하여 한도를 늘리세요.',
    },
    'no-space': { text: '디스크가 가득 찼습니다.', next: '쓰지 않는 이미지나 컨테이너를 삭제한 뒤 다시 시도하세요.' },
    'build-failed': {
      text: '빌드에 실패했습니다.',
      named: '{line}번째 줄에서 빌드에 실패했습니다: {instruction}',
      next: '실패한 단계의 로그에 원인이 있습니다.',
    },
    'invalid-request': { text: '엔진이 이 입력을 처리할 수 없습니다.', next: '엔진이 보낸 원문을 확인하세요.' },
    'invalid-reference': {
      text: '이미지 이름이 아닙니다.',
      named: '“{reference}”은(는) 이미지 이름이 아닙니다.',
      next: '이미지 이름은 nginx:1.27 또는 localhost:5000/shop/api:2 같은 꼴입니다.',
    },
    cancelled: { text: '취소했습니다.', next: '더 진행되지 않습니다.' },
    timeout: { text: '너무 오래 걸렸습니다.', next: '컴퓨터가 바쁠 수 있습니다. 다시 시도하세요.' },
    unsupported: { text: '이 엔진에서는 지원하지 않습니다.', next: '다른 엔진을 고르세요.' },
    'contract-mismatch': {
      text: '이 창과 엔진실의 버전이 다릅니다.',
      next: '나루를 닫고 다시 시작하세요.',
    },
    internal: { text: '나루 내부에서 문제가 생겼습니다.', next: '다시 시도하세요. 계속되면 아래 원문과 함께 알려 주세요.' },
  },
  hint,
}
