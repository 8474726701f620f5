/** Secrets in the form of a container that is made like another one: dots until they are asked for. */
import { inject, provide, ref } from 'vue'
import type { InjectionKey, Ref } from 'vue'
import { hideInCommand } from '../../../engine/redact/command.ts'
import { isMasked } from '../../../engine/redact/rules.ts'

const COVERED: InjectionKey<Readonly<Ref<boolean>>> = Symbol('covered')

/** Call it in `setup` of the panel. */
export const provideCovered = (covered: Readonly<Ref<boolean>>): void => provide(COVERED, covered)

export interface Cover {
  /** Type of the field that holds a named value. */
  readonly ofNamed: (entry: { readonly name: string; readonly value: string }) => 'password' | 'text'
  /** Type of a field with `name=value` or words of a command. */
  readonly ofText: (text: string) => 'password' | 'text'
}

/** Call it in `setup` of what shows a field. */
export function useCover(): Cover {
  const covered = inject(COVERED, ref(false))
  const type = (secret: boolean): 'password' | 'text' => (covered.value && secret ? 'password' : 'text')
  return {
    ofNamed: (entry) => type(isMasked(entry)),
    ofText(text) {
      const equals = text.indexOf('=')
      return type((equals > 0 && isMasked({ name: text.slice(0, equals), value: text.slice(equals + 1) })) || hideInCommand(text).shown !== undefined)
    },
  }
}
