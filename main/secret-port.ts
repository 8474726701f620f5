/** The engine process's half of the keychain: asks the main process and waits for its answer, within a limit. */
import type { SecretAnswer, SecretQuestion } from './engine-messages.ts'

/** A keychain may ask the person to unlock it, ms. */
const LIMIT = 60_000
/** Questions that may wait at once. */
const MOST = 100

export interface SecretPort {
  readonly available: () => Promise<boolean>
  readonly seal: (text: string) => Promise<string>
  readonly open: (sealed: string) => Promise<string>
  /** Takes in an answer; one that nobody waits for any more is passed over. */
  readonly answered: (answer: SecretAnswer) => void
}

export function createSecretPort(ask: (question: SecretQuestion) => void, limitMs = LIMIT): SecretPort {
  const waiting = new Map<number, (answer: SecretAnswer | null) => void>()
  let last = 0

  function question(act: SecretQuestion['act'], text: string): Promise<string> {
    if (waiting.size >= MOST) return Promise.reject(new Error('too many questions to the keychain'))
    const id = ++last
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => waiting.get(id)?.(null), limitMs)
      waiting.set(id, (answer) => {
        clearTimeout(timer)
        waiting.delete(id)
        if (answer?.ok) resolve(answer.text)
        else reject(new Error(answer?.text ?? 'the keychain does not answer'))
      })
      ask({ kind: 'secret', id, act, text })
    })
  }

  return {
    available: async () => (await question('available', '')) === 'yes',
    seal: (text) => question('seal', text),
    open: (sealed) => question('open', sealed),
    answered: (answer) => waiting.get(answer.id)?.(answer),
  }
}
