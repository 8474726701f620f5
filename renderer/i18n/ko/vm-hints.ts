/** 가상 머신; error-hints.ts의 일부. */
export const vmHints = {
  'vm-boot': { text: '가상 머신이 첫 프로그램까지 부팅하지 못했습니다.', next: '시도한 방법은 아래에 있고, 같은 내용이 로그에도 있습니다.' },
  'vm-image-missing': { text: '가상 머신 파일이 이 컴퓨터에 없습니다.', next: 'npm start가 데비안 패키지로 만듭니다. 위치는 {path}입니다.' },
  'vm-image-corrupt': { text: '가상 머신 파일이 손상되었습니다: {path}', next: '파일을 지우세요. 나루를 다시 시작하면 새로 만듭니다.' },
  'vm-qemu-missing': { text: '{program}을(를) 찾을 수 없습니다. 가상 머신은 QEMU에서 실행됩니다.', next: '데비안·우분투: sudo apt-get install qemu-system-x86 qemu-utils' },
  'vm-disk-full': { text: '이 컴퓨터의 디스크가 가득 차서 가상 머신을 일시 정지했습니다. 잃은 데이터는 없습니다.', next: '{path} 파일이 있는 디스크의 공간을 비우세요. 그러면 저절로 다시 실행됩니다.' },
  'vm-disk-io': { text: '가상 머신 디스크 {path}에 쓸 수 없어 가상 머신을 일시 정지했습니다.', next: '디스크 상태를 확인하세요. 몇 초마다 다시 실행해 봅니다.' },
  'vm-disk-foreign': { text: '가상 머신 디스크에 나루가 쓰지 않은 내용이 있어 건드리지 않았습니다.', next: '{path} 파일을 다른 곳으로 옮기고 다시 시작하거나 엔진을 초기화하세요. 두 방법 모두 빈 디스크를 새로 만듭니다.' },
  'vm-disk-broken': { text: '{path} 파일은 나루가 읽을 수 있는 디스크가 아니어서 건드리지 않았습니다.', next: '백업해 둔 파일로 바꾸거나 엔진을 초기화하세요. 초기화하면 빈 디스크를 새로 만듭니다.' },
  'vm-disk-check': { text: '가상 머신의 파일 시스템이 손상되었습니다. 동의 없이 복구하지 않았습니다.', next: '{path} 파일을 복사해 둔 다음 복구하거나, 엔진을 초기화해 빈 디스크를 새로 만드세요.' },
  'vm-disk-shrink': { text: '디스크는 지금 {current}이며 늘릴 수만 있습니다. {wanted}(으)로는 바꿀 수 없습니다.', next: '삭제한 데이터의 공간은 이 컴퓨터로 저절로 돌아옵니다. 더 작은 디스크는 엔진을 초기화해야만 만들 수 있습니다.' },
  'vm-disk-too-large': { text: '가상 머신 디스크는 최대 {max}까지입니다.', next: '더 작은 크기를 선택하세요.' },
  'vm-disk-grow': { text: '디스크는 커졌지만 그 위의 파일 시스템은 아직 늘어나지 않았습니다.', next: '엔진을 다시 시작하세요. 시작할 때 늘어납니다.' },
  'vm-host': { text: '이 시스템에서는 아직 가상 머신을 실행할 수 없습니다.', next: '이미 있는 엔진을 사용하세요.' },
  'vm-share': { text: '{path} 폴더는 가상 머신에 같은 경로로 보여 줄 수 없습니다.', next: '/home, /mnt, /media, /srv, /opt, /root, /tmp 아래의 폴더를 16개까지 공유할 수 있습니다.' },
  'folder-not-shared': { text: '가상 머신에서 {path} 폴더가 보이지 않습니다.', next: '보이는 폴더: {folders}. 파일을 그쪽으로 옮기거나 폴더를 공유하세요.' },
}
