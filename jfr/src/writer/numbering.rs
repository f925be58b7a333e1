//! The ids of the file: only what events use gets one, and the most used get the shortest.

use std::collections::BTreeMap;

use super::ChunkBuilder;
use crate::EventType;
use crate::schema::FieldType;

/// Ids of one pool.
#[derive(Debug, Default)]
pub(super) struct Ids {
    by_handle: Vec<u32>,
    order: Vec<u32>,
}

impl Ids {
    /// Numbers the handles with a count from `first`, highest count first, then in the order of first sight.
    fn by_frequency(counts: &[u64], first: u32) -> Self {
        let mut order: Vec<u32> = (0..counts.len() as u32).filter(|handle| counts[*handle as usize] > 0).collect();
        order.sort_by_key(|handle| std::cmp::Reverse(counts[*handle as usize]));
        Self::in_order(order, counts.len(), first)
    }

    /// Numbers `order` from `first`.
    fn in_order(order: Vec<u32>, size: usize, first: u32) -> Self {
        let mut by_handle = vec![0; size];
        for (rank, handle) in order.iter().enumerate() {
            by_handle[*handle as usize] = first.saturating_add(rank as u32);
        }
        Self { by_handle, order }
    }

    /// Id of a handle, 0 for one that no event uses.
    pub(super) fn id(&self, handle: u32) -> u64 {
        self.by_handle.get(handle as usize).map_or(0, |id| u64::from(*id))
    }

    /// Id of a stored value: a handle plus one, or 0 for null.
    pub(super) fn id_of_value(&self, value: u64) -> u64 {
        value.checked_sub(1).and_then(|handle| u32::try_from(handle).ok()).map_or(0, |handle| self.id(handle))
    }

    /// Handles in the order of their ids.
    pub(super) fn handles(&self) -> &[u32] {
        &self.order
    }
}

/// Ids of all pools of a chunk.
#[derive(Debug)]
pub(super) struct Numbering {
    pub(super) symbols: Ids,
    pub(super) classes: Ids,
    pub(super) methods: Ids,
    pub(super) threads: Ids,
    pub(super) traces: Ids,
}

impl Numbering {
    pub(super) fn new(chunk: &ChunkBuilder) -> Self {
        let (pools, first) = (&chunk.pools, chunk.ids.first());
        let used = |kind, size| count_values(chunk, kind, size);
        let traces = Ids::by_frequency(&used(FieldType::StackTrace, pools.traces().len()), first);
        let threads = Ids::by_frequency(&used(FieldType::Thread, pools.threads().len()), first);

        let mut method_counts = vec![0; pools.methods().len()];
        for handle in traces.handles() {
            for frame in pools.frames_of(pools.traces()[*handle as usize]) {
                method_counts[frame.method.0 as usize] += 1;
            }
        }
        let methods = Ids::by_frequency(&method_counts, first);

        let mut class_counts = used(FieldType::Class, pools.classes().len());
        for handle in methods.handles() {
            class_counts[pools.methods()[*handle as usize].class as usize] += 1;
        }
        let classes = Ids::by_frequency(&class_counts, first);
        let symbols = symbols(chunk, &classes, &methods);
        Self { symbols, classes, methods, threads, traces }
    }
}

/// How often the events refer to each handle of one kind.
fn count_values(chunk: &ChunkBuilder, kind: FieldType, size: usize) -> Vec<u64> {
    let mut counts = vec![0; size];
    for row in &chunk.rows {
        let values = chunk.values_of(*row).iter().zip(row.event.slots());
        for (value, _) in values.filter(|(_, slot)| slot.kind == kind) {
            let counted = value.checked_sub(1).and_then(|handle| counts.get_mut(handle as usize));
            if let Some(count) = counted {
                *count += 1;
            }
        }
    }
    counts
}

/// Symbols in the order of their text: neighbours share prefixes, which compresses better.
fn symbols(chunk: &ChunkBuilder, classes: &Ids, methods: &Ids) -> Ids {
    let pools = &chunk.pools;
    let class_names = classes.handles().iter().map(|handle| pools.classes()[*handle as usize].name);
    let methods = methods.handles().iter().map(|handle| pools.methods()[*handle as usize]);
    let method_names = methods.flat_map(|method| [method.name, method.descriptor]);
    let sorted: BTreeMap<&str, u32> =
        class_names.chain(method_names).map(|handle| (pools.text_of(handle), handle)).collect();
    Ids::in_order(sorted.into_values().collect(), pools.texts().len(), chunk.ids.first())
}

/// Position of the stack trace among the values of an event type.
pub(super) fn stack_slot(event: EventType) -> Option<usize> {
    event.slots().iter().position(|slot| slot.kind == FieldType::StackTrace)
}
