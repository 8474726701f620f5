/** Registries: logging in, pushing, certificates; part of error-hints.ts. */
export const registryHints = {
  'registry-address': {
    text: '“{name}”은(는) 레지스트리 주소가 아닙니다.',
    next: 'ghcr.io 또는 registry.example.com:5000처럼 쓰세요. Docker Hub는 비워 두면 됩니다.',
  },
  'registry-no-domain': {
    text: '“{name}”은(는) Docker Hub의 이름과 구별되지 않습니다.',
    next: '도메인을 모두 쓰거나 {name}:5000처럼 포트를 붙이세요.',
  },
  'registry-too-many': {
    text: '로그인이 너무 많습니다.',
    next: '쓰지 않는 레지스트리에서 로그아웃하세요.',
  },
  'registry-helper-missing': {
    text: '자격 증명 도우미({program})가 설치되어 있지 않습니다.',
    next: 'docker 설정에 지정된 프로그램입니다. 설치하거나, 나루를 닫을 때까지만 로그인을 보관하세요.',
  },
  'registry-helper-failed': {
    text: '자격 증명 도우미({program})가 실패했습니다.',
    next: '아래 원문을 확인하세요. 키체인이 잠겨 있지 않은가요?',
  },
  'registry-keychain-closed': {
    text: '시스템 키체인에서 {registry} 로그인을 열 수 없습니다.',
    next: '키체인의 잠금을 풀거나, 로그아웃한 뒤 다시 로그인하세요.',
  },
  'registry-realm-foreign': {
    text: '{registry}에서 이름이 다른 호스트({realm})로 로그인 정보를 보내라고 합니다. 아무것도 보내지 않았습니다.',
    next: '직접 운영하는 레지스트리에서는 흔한 구성입니다. 호스트 {realm}도 레지스트리 운영자의 것이라면 로그인할 때 허용하세요.',
  },
  'registry-realm-open': {
    text: '암호화된 레지스트리 {registry}에서 로그인 정보를 암호화하지 않은 호스트({realm})로 보내라고 합니다. 아무것도 보내지 않았습니다.',
    next: '레지스트리 운영자에게 알리세요. 나루에서 예외로 허용할 수 없습니다.',
  },
  'registry-realm-internal': {
    text: '인터넷에 있는 {registry}에서 이 컴퓨터나 사설 네트워크의 호스트({realm})로 로그인 정보를 보내라고 합니다. 아무것도 보내지 않았습니다.',
    next: '레지스트리 운영자에게 알리세요. 나루에서 예외로 허용할 수 없습니다.',
  },
  'registry-wrong-password': {
    text: '{registry}에서 이 사용자와 비밀번호를 받아들이지 않았습니다.',
    next: '둘 다 확인하세요. 2단계 인증을 쓰는 Docker Hub와 GitHub에는 비밀번호 대신 액세스 토큰을 넣어야 합니다.',
  },
  'registry-login-needed': {
    text: '{registry}에는 로그인이 필요합니다.',
    next: '로그인한 뒤 다시 시도하세요.',
  },
  'registry-login-refused': {
    text: '{registry}에서 {user}의 로그인을 더는 받아들이지 않습니다.',
    next: '새 비밀번호나 토큰으로 다시 로그인하세요.',
  },
  'registry-no-rights': {
    text: '{registry}의 로그인에 {reference}에 대한 권한이 없습니다.',
    next: '이름을 확인하거나 권한이 있는 사용자로 로그인하세요.',
  },
  'registry-no-namespace': {
    text: '{reference}에는 사용자 이름이 없어 Docker만 푸시할 수 있습니다.',
    next: '{suggestion}처럼 자신의 이름으로 먼저 태그하세요.',
  },
  'registry-read-only': {
    text: '{registry}은(는) 읽기 전용 미러라서 푸시를 받지 않습니다.',
    next: '미러의 원본 레지스트리에 푸시하세요.',
  },
  'registry-unknown-ca': {
    text: '{registry}의 인증서를 발급한 기관을 엔진이 알지 못합니다.',
    next: '직접 운영하는 레지스트리라면 발급 기관의 인증서(PEM)를 {path}에 넣으세요. 다음 시도부터 엔진이 읽습니다.',
  },
  'registry-certificate': {
    text: '{registry}의 인증서가 유효하지 않습니다.',
    next: '기한이 지났거나 다른 호스트의 인증서입니다. 엔진이 보낸 원문을 확인하세요.',
  },
  'registry-plain-http': {
    text: '{registry}은(는) 일반 HTTP를 쓰지만 엔진은 HTTPS를 요구합니다.',
    next: '레지스트리에 TLS를 켜세요. 꼭 필요하면 엔진의 {path}에 있는 “insecure-registries”에 추가하고 엔진을 다시 시작하세요.',
  },
  'registry-wrong-content': {
    text: '{registry}에서 약속한 것과 다른 내용을 보냈습니다.',
    next: '받은 것은 남기지 않았습니다. 다시 시도하세요. 계속되면 레지스트리의 이미지가 손상되었거나, 프록시나 네트워크 로그인 페이지가 중간에서 내용을 바꾸고 있습니다.',
  },
  'registry-cut': {
    text: '이미지를 받는 동안 {registry}와(과)의 연결이 끊어졌습니다.',
    next: '엔진이 이미 여러 번 시도했습니다. 네트워크를 확인한 뒤 다시 시도하세요.',
  },
  'registry-silent': {
    text: '{registry}에서 {seconds}초 동안 아무것도 오지 않아 풀을 그만두었습니다.',
    next: '네트워크를 확인한 뒤 다시 시도하세요.',
  },
  'registry-redirects': {
    text: '{registry}이(가) 끝없이 다른 주소로 넘깁니다.',
    next: '레지스트리나 그 앞의 프록시 설정이 잘못되었습니다. 운영자가 고쳐야 합니다.',
  },
  'registry-failing': {
    text: '{registry}에서 자체 오류로 응답했습니다.',
    next: '나중에 다시 시도하세요. 계속되면 운영자가 확인해야 합니다. 원문은 아래에 있습니다.',
  },
  'registry-type-again': {
    text: '로그인 비밀번호는 보관하지 않습니다.',
    next: '설정 → 레지스트리에서 다시 로그인하세요.',
  },
  'registry-not-on-engine': {
    text: '{reference}이(가) 이 엔진에 없습니다.',
    next: '먼저 받거나 빌드하세요.',
  },
  'registry-no-digest': {
    text: '{reference}은(는) 다이제스트입니다. 태그만 푸시할 수 있습니다.',
    next: '이미지에 태그를 붙인 뒤 푸시하세요.',
  },
}
