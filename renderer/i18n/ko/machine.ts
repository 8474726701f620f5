export const machine = {
  software: '소프트웨어 에뮬레이션이라 느립니다. 컨테이너 시작에 6초쯤 걸립니다.',
  hardware: '하드웨어 가속: {name}',
  why: {
    chosen: '가상 머신 설정에서 하드웨어 가속을 껐습니다.',
    absent: '이 컴퓨터에서는 하드웨어 가속을 쓸 수 없습니다. /dev/kvm이 없습니다.',
    denied: '/dev/kvm을 쓸 권한이 없습니다. 사용자를 그 장치의 그룹(대개 kvm)에 추가해야 합니다.',
    failed: '하드웨어 가속을 시도했지만 가상 머신이 부팅되지 않았습니다.',
  },
  facts: '가상 머신 사양',
  factsNext: '다음에 시작할 때의 가상 머신 사양',
  fact: { memory: '메모리', cpus: 'CPU', loopback: '이 컴퓨터의 루프백', qemu: 'QEMU 버전', folders: '공유 폴더' },
  loopbackOpen: '접근 허용',
  loopbackClosed: '접근 차단',
  noFolders: '없음',
  readonly: '읽기 전용',
  phases: '시작 단계',
  limit: '최대 {time}',
}
