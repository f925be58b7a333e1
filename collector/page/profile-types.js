// Profile types as people call them, in the order in which they are usually wanted.

/** `hint` says how to switch a type on when an application sends none of it. */
const PROFILE_TYPES = [
  { id: "process_cpu:cpu:nanoseconds:cpu:nanoseconds", title: "CPU", about: "time on a CPU" },
  { id: "wall:wall:nanoseconds:wall:nanoseconds", title: "Wall clock", about: "time passed, running or waiting", hint: "profiler.wall=50ms" },
  { id: "memory:alloc_in_new_tlab_bytes:bytes:space:bytes", title: "Allocated bytes", about: "bytes of new Java objects", hint: "profiler.alloc=512k" },
  { id: "memory:alloc_in_new_tlab_objects:count:space:bytes", title: "Allocated objects", about: "sampled new Java objects", hint: "profiler.alloc=512k" },
  { id: "memory:alloc_outside_tlab_bytes:bytes:space:bytes", title: "Allocated bytes (large objects)", about: "bytes of objects outside of thread-local buffers" },
  { id: "memory:alloc_outside_tlab_objects:count:space:bytes", title: "Allocated objects (large objects)", about: "objects outside of thread-local buffers" },
  { id: "memory:live:count:objects:count", title: "Live objects", about: "sampled objects that are still in use" },
  { id: "mutex:delay:nanoseconds:mutex:count", title: "Mutex delay", about: "time waited for monitors (synchronized)", hint: "profiler.lock=10ms" },
  { id: "mutex:contentions:count:mutex:count", title: "Mutex contentions", about: "waits for monitors (synchronized)", hint: "profiler.lock=10ms" },
  { id: "block:delay:nanoseconds:block:count", title: "Block delay", about: "time waited for java.util.concurrent locks", hint: "profiler.lock=10ms" },
  { id: "block:contentions:count:block:count", title: "Block contentions", about: "waits for java.util.concurrent locks", hint: "profiler.lock=10ms" },
];

export const CPU = PROFILE_TYPES[0].id;

/** A profile type by its id; one that is not in the table gets a title made of the id. */
export function profileType(id) {
  const known = PROFILE_TYPES.find((type) => type.id === id);
  if (known) return known;
  const [name, sampleType = ""] = id.split(":");
  return { id, title: `${name} ${sampleType.replaceAll("_", " ")}`.trim(), about: id };
}

/** The types with these ids: known ones in the table's order, then the others by title. */
export function profileTypes(ids) {
  const rank = (id) => PROFILE_TYPES.findIndex((type) => type.id === id) >>> 0;
  return [...new Set(ids)].map(profileType).sort((a, b) => rank(a.id) - rank(b.id) || a.title.localeCompare(b.title));
}
