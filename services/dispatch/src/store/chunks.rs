//! Many rows in few statements.

/// Most rows of one statement.
const LONGEST: usize = 512;
/// So few rows are one statement, however many they are.
const FEW: usize = 32;

/// The items in pieces of as many rows as one statement takes, most of them powers of two: a server prepares a statement for each length it sees, and so
/// sees some forty.
pub(super) fn chunks<T>(items: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let length = match rest.len() {
            0 => return None,
            few @ ..FEW => few,
            many => (1 << many.ilog2()).min(LONGEST),
        };
        let (piece, after) = rest.split_at(length);
        rest = after;
        Some(piece)
    })
}

/// The items in lists for `IN (…)`, with the last one repeated until the length is a power of two: a server prepares a statement for each length it sees, and
/// so sees ten.
pub(super) fn lists<T: Copy>(items: &[T]) -> impl Iterator<Item = Vec<T>> {
    items.chunks(LONGEST).map(|piece| {
        let repeated = piece.last().copied().into_iter().cycle();
        piece.iter().copied().chain(repeated).take(piece.len().next_power_of_two()).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_item_is_in_one_piece_in_order_and_lengths_are_few() {
        let mut lengths = BTreeSet::new();
        for count in 0..=2_100 {
            let items: Vec<usize> = (0..count).collect();
            let pieces: Vec<&[usize]> = chunks(&items).collect();
            lengths.extend(pieces.iter().map(|piece| piece.len()));
            assert_eq!(pieces.concat(), items);
        }
        assert_eq!(lengths, (1..=32).chain([64, 128, 256, 512]).collect());
    }

    #[test]
    fn every_item_is_in_one_list_and_lengths_are_few() {
        let mut lengths = BTreeSet::new();
        for count in 0..=1_100 {
            let items: Vec<usize> = (0..count).collect();
            let lists: Vec<Vec<usize>> = lists(&items).collect();
            lengths.extend(lists.iter().map(Vec::len));
            let mut all = lists.concat();
            all.dedup();
            assert_eq!(all, items);
        }
        assert_eq!(lengths, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].into());
    }
}
