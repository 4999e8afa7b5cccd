//! Many rows in few statements.

/// Most rows of one statement.
const LONGEST: usize = 128;

/// The items in pieces whose lengths are powers of two: a server prepares a statement for each length it sees, and so sees eight.
pub(super) fn chunks<T>(items: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let length = match rest.len() {
            0 => return None,
            left => LONGEST.min(1 << left.ilog2()),
        };
        let (piece, after) = rest.split_at(length);
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_in_one_piece_and_lengths_are_few() {
        for count in [0, 1, 2, 3, 127, 128, 129, 300, 1_000] {
            let items: Vec<usize> = (0..count).collect();
            let pieces: Vec<&[usize]> = chunks(&items).collect();
            assert_eq!(pieces.concat(), items);
            assert!(pieces.iter().all(|piece| piece.len().is_power_of_two() && piece.len() <= LONGEST), "{count}");
        }
    }
}
