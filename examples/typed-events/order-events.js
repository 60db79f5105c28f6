// The events of the channel `orders`: one list that every program imports, publishers and subscribers alike.

import { defineEvents, event } from '@worker-events/core'
import { z } from 'zod'

export const orderEvents = defineEvents('orders', {
  // What travels is what is published, here a string; handlers get what the schema makes of it, here a Date.
  placed: z.object({
    id: z.string().min(1),
    total: z.number().positive(),
    due: z.iso.date().transform((day) => new Date(day)),
  }),
  closed: event(),
})

/** What a subscriber has to say when it ends. */
export const reports = defineEvents('reports', {
  ended: z.object({ dues: z.array(z.iso.datetime()), refused: z.array(z.string()) }),
})
