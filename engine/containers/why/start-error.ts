/**
 * An engine's words about a start (or a create) it refused, read into a reason. Docker 20.10 to 28, its runc, and Podman
 * word the same things differently. Order matters: the first rule that fits decides.
 */
import type { StopCause, StopFinding } from '../../contract/models.ts'

/** The first group that took part is the subject. */
type Rule = readonly [cause: StopCause, words: RegExp]

const RULES: readonly Rule[] = [
  // Docker: exec: "x": executable file not found in $PATH · stat /x: no such file or directory. Podman repeats both.
  ['command-not-found', /exec: "([^"]+)": (?:executable file not found|stat [^:]+: no such file)/],
  ['command-is-folder', /exec: "([^"]+)": is a directory/],
  ['command-not-executable', /exec: "([^"]+)": permission denied/],
  // Older runc fails before the first process is there.
  ['exec-format', /exec(?: user process caused)?:? ?"?([^":]*)"?:? "?exec format error/],
  ['interpreter-missing', /exec (\/[^:]+): no such file or directory/],
  ['no-command', /no command (?:or entrypoint )?(?:specified|provided)/i],
  ['gpu-missing', /could not select device driver|nvidia-container-cli|unresolvable CDI devices/i],
  ['device-missing', /adding custom device "([^"]+)": no such file|stat (\/dev\/[^:]+): no such file|error gathering device information[^"]*"([^"]+)"/],
  ['user-not-found', /unable to find user (\S+?): (?:no matching|invalid)/],
  ['group-not-found', /unable to find group (\S+?): (?:no matching|invalid)/],
  ['workdir', /Cannot mkdir: (\S+) is not a directory|workdir "([^"]+)".*not a directory|chdir to cwd \("([^"]+)"\)/],
  // With --mount, and Podman's runc; Docker makes missing folders of -v by itself.
  ['mount-source-missing', /bind source path does not exist: (\S+)|error mounting "([^"]+)".*: stat [^:]+: no such file|statfs ([^:]+): no such file/],
  ['mount-kind', /error mounting "([^"]+)".*not a directory|Are you trying to mount a directory onto a file|unable to find user \S+: read ([^:]+): is a directory/],
  ['volume-driver-missing', /error looking up volume plugin (\S+?):|plugin "([^"]+)" not found|required volume plugin.*"?([^"\s]+)"?: not/i],
  ['port-privileged', /cannot expose privileged port (\d+)/],
  ['address-not-here', /listen (?:tcp|udp)[46]? (\S+): bind: cannot assign requested address|cannot assign requested address/],
  ['port-in-use', /Bind for \S*?:(\d+) failed: port is already allocated|(?:bind host port(?: for)?|listen (?:tcp|udp|sctp)[46]?) (?:\[[^\]]*\]|[0-9a-f.]*):(\d+)\S*: (?:bind: )?address already in use|rootlessport .*conflict/i],
  ['address-taken', /requested ip address (\S+) is already allocated|networking: Address already in use|^Address already in use$/i],
  ['partner-not-running', /cannot join network (?:namespace )?of a non running container:? (?:container )?(\S+?)(?: is|$)|namespace path unless container (\S+) is running/],
  ['partner-missing', /joining network namespace of container: No such container: (\S+)|No such container: (\S+)/i],
  ['network-missing', /network (\S+?) not found|unable to find network.* (\S+?):? network not found/],
  ['runtime-unknown', /unknown or invalid runtime name: (\S+)|Unknown runtime specified (\S+)|(?:fork\/)?exec (\S*(?:runc|crun|runsc|youki)\S*): no such file/],
  ['sysctl', /sysctl "?'?([\w.-]+)'?"? (?:is not (?:in a separate|allowed)|can't)|(\/proc\/sys\/\S+?):? (?:no such file|read-only|permission denied|invalid argument)/],
  ['memory-too-small', /init was OOM-killed|memory limit too low|minimum memory limit/i],
  ['limit-refused', /error setting rlimits? (?:type )?(\S+?)?:|cgroup.*(?:invalid argument|device or resource busy)|cpuset.*(?:invalid|not available)/i],
  ['open-files', /too many open files/i],
  ['no-space', /no space left on device|disk quota exceeded/i],
  ['read-only', /mkdir(?:at)? (\S+?): read-only file system|read-only file system/i],
  ['not-permitted', /operation not permitted|apparmor|seccomp|permission denied/i],
]

/** Never calm: a start that was refused. Without a rule that fits it is `engine-refused`. */
export function readStartError(text: string): StopFinding {
  for (const [cause, words] of RULES) {
    const found = words.exec(text)
    if (found) return { cause, subject: found.slice(1).find((group) => group !== undefined && group !== '') ?? '' }
  }
  return { cause: 'engine-refused', subject: '' }
}

/** The telling end of runc's long chain of words: `…: runc create failed: unable to start container process: exec: "x": …`. */
export function plainWords(text: string): string {
  return text.replace(/^.*(?:unable to start container process|runc create failed|failed to set up container networking): (?:error during container init: )?/s, '')
}
