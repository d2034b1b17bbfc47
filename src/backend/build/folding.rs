//! `[query.folding]`: letters that the engine pairs otherwise than a rule does.

use crate::backend::folding::Folding;
use crate::backend::language::Loss;
use crate::table::read::Reader;

/// Reads the letters of each loss.
pub(super) fn folding(reader: Reader<'_>) -> Option<Folding> {
    let table = reader.table("folding")?;
    let mut folding = Folding::default();
    for (key, loss) in Loss::ALL {
        if let Some(letters) = table.text(key) {
            folding.add(letters, loss);
        }
    }
    Some(folding)
}
