import { useBuilds } from './builds.ts'
import { useConnection } from './connection.ts'
import { useEngines } from './engines.ts'
import { useEvents } from './events.ts'
import { useOperations } from './operations.ts'
import { useReleases } from './releases.ts'
import { useSettings } from './settings.ts'
import { useState } from './state.ts'

/** Subscribes every store that lives as long as the page, then opens the link. Needs an active Pinia. */
export function startStores(): void {
  useSettings().start()
  useEngines().start()
  useState().start()
  useOperations().start()
  useEvents().start()
  useBuilds().start()
  useReleases().start()
  void useConnection().start()
}
