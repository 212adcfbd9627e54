//! How many bytes a cell of the picture stands for.

/// The shape of a picture. Columns and pages per cell are powers of two, so that rows begin at round numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub columns: usize,
    /// Bytes.
    pub per_cell: u64,
}

impl Grid {
    /// The finest grid for `len` bytes with at most `columns` cells in a row (but at least one) and `rows` rows.
    pub fn fit(len: u64, page_size: u64, columns: usize, rows: usize) -> Grid {
        let columns = 1 << columns.max(1).ilog2();
        let room = (columns * rows.max(1)) as u64;
        let mut per_cell = page_size;
        while len.div_ceil(per_cell) > room {
            per_cell *= 2;
        }
        Grid { columns, per_cell }
    }

    /// Bytes in a row.
    pub fn per_row(&self) -> u64 {
        self.per_cell * self.columns as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_things_show_every_page_and_huge_ones_fit() {
        assert_eq!(Grid::fit(10 * 4096, 4096, 70, 16), Grid { columns: 64, per_cell: 4096 });
        assert_eq!(Grid::fit(0, 4096, 0, 0), Grid { columns: 1, per_cell: 4096 });
        assert_eq!(Grid::fit(100 << 30, 4096, 70, 16), Grid { columns: 64, per_cell: 128 << 20 });
    }

    proptest! {
        #[test]
        fn the_grid_fits_and_is_not_coarser_than_needed(
            len in 0_u64..1 << 47, columns in 0_usize..400, rows in 0_usize..60,
        ) {
            let grid = Grid::fit(len, 4096, columns, rows);
            prop_assert!(grid.columns <= columns.max(1));
            let room = (grid.columns * rows.max(1)) as u64;
            prop_assert!(len.div_ceil(grid.per_cell) <= room);
            prop_assert!(grid.per_cell == 4096 || len.div_ceil(grid.per_cell / 2) > room);
        }
    }
}
