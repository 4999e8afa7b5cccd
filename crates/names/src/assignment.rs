//! The cheapest way to pair rows with columns, each at most once (Kuhn's assignment, by potentials: O(n²m)).

/// For each row the column it is paired with. `costs` holds `rows` × `columns` values, row by row; every row gets a column as far as there are enough.
pub(crate) fn cheapest(costs: &[i64], rows: usize, columns: usize) -> Vec<Option<usize>> {
    if rows > columns {
        let turned: Vec<i64> =
            (0..columns).flat_map(|column| (0..rows).map(move |row| costs[row * columns + column])).collect();
        let mut paired = vec![None; rows];
        for (column, row) in cheapest(&turned, columns, rows).into_iter().enumerate() {
            if let Some(row) = row {
                paired[row] = Some(column);
            }
        }
        return paired;
    }
    // Rows and columns count from 1; 0 is the place a row waits at before it has a column.
    let (mut of_row, mut of_column) = (vec![0i64; rows + 1], vec![0i64; columns + 1]);
    let mut owner = vec![0usize; columns + 1];
    let mut came_from = vec![0usize; columns + 1];
    for row in 1..=rows {
        owner[0] = row;
        let (mut slack, mut seen) = (vec![i64::MAX; columns + 1], vec![false; columns + 1]);
        let mut at = 0;
        loop {
            seen[at] = true;
            let (mut least, mut next) = (i64::MAX, 0);
            for column in (1..=columns).filter(|&column| !seen[column]) {
                let cost = costs[(owner[at] - 1) * columns + column - 1] - of_row[owner[at]] - of_column[column];
                if cost < slack[column] {
                    (slack[column], came_from[column]) = (cost, at);
                }
                if slack[column] < least {
                    (least, next) = (slack[column], column);
                }
            }
            for column in 0..=columns {
                if seen[column] {
                    of_row[owner[column]] += least;
                    of_column[column] -= least;
                } else if slack[column] < i64::MAX {
                    slack[column] -= least;
                }
            }
            at = next;
            if owner[at] == 0 {
                break;
            }
        }
        while at != 0 {
            owner[at] = owner[came_from[at]];
            at = came_from[at];
        }
    }
    let mut paired = vec![None; rows];
    for column in 1..=columns {
        if owner[column] != 0 {
            paired[owner[column] - 1] = Some(column - 1);
        }
    }
    paired
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    use super::cheapest;

    fn total(costs: &[i64], columns: usize, paired: &[Option<usize>]) -> i64 {
        paired.iter().enumerate().filter_map(|(row, column)| column.map(|column| costs[row * columns + column])).sum()
    }

    /// Every way there is.
    fn least(costs: &[i64], columns: usize, rows: std::ops::Range<usize>, taken: &mut Vec<usize>, skips: usize) -> i64 {
        let Some(row) = rows.clone().next() else { return 0 };
        let rest = row + 1..rows.end;
        let mut best = i64::MAX;
        if skips > 0 {
            best = least(costs, columns, rest.clone(), taken, skips - 1);
        }
        for column in 0..columns {
            if !taken.contains(&column) {
                taken.push(column);
                best = best.min(costs[row * columns + column] + least(costs, columns, rest.clone(), taken, skips));
                taken.pop();
            }
        }
        best
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn nothing_is_cheaper(rows in 1usize..5, columns in 1usize..5, costs in vec(-50i64..50, 25)) {
            let costs = &costs[..rows * columns];
            let paired = cheapest(costs, rows, columns);
            prop_assert_eq!(paired.iter().flatten().count(), rows.min(columns));
            let mut taken: Vec<usize> = paired.iter().flatten().copied().collect();
            taken.sort_unstable();
            taken.dedup();
            prop_assert_eq!(taken.len(), rows.min(columns));
            let best = least(costs, columns, 0..rows, &mut Vec::new(), rows.saturating_sub(columns));
            prop_assert_eq!(total(costs, columns, &paired), best);
        }
    }
}
