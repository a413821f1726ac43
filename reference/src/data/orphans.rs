//! Data whose model is gone.

use std::fs;

use super::DataRoot;
use super::removal::Place;
use crate::errors::Result;

/// The data of a model that is gone.
#[derive(Debug, Clone)]
pub struct Orphan {
    /// Where it is.
    pub place: Place,
    /// What the model was called, if its data says so.
    pub model_name: Option<String>,
    /// The names of its data.
    pub data_names: Vec<String>,
    /// How many versions they have.
    pub versions: usize,
    /// How many bytes.
    pub bytes: u64,
}

/// Looks for data below `root`, the data of a namespace, whose model does not live by `is_live`,
/// which is asked with its type and its id.
pub fn find(
    root: &DataRoot,
    namespace: &str,
    is_live: impl Fn(&str, &str) -> Result<bool>,
) -> Result<Vec<Orphan>> {
    let mut found = Vec::new();
    for place in Place::all_below(root, namespace)? {
        if !is_live(&place.model_type, &place.model_id)? {
            found.extend(orphan(place)?);
        }
    }
    Ok(found)
}

/// What such a model left; none where nothing of it is left but tombstones.
fn orphan(place: Place) -> Result<Option<Orphan>> {
    let mut newest = place.data.all_latest()?;
    newest.retain(|data| !data.is_deleted());
    let mut tags = newest.iter().map(|data| data.tag("modelName"));
    let model_name = tags.find(|name| !name.is_empty());
    let (mut versions, mut bytes) = (0, 0);
    for data in &newest {
        for version in place.data.versions(&data.name)? {
            let content = fs::metadata(place.data.content_path(&data.name, version));
            bytes += content.map_or(0, |content| content.len());
            versions += 1;
        }
    }
    let model_name = model_name.map(str::to_owned);
    Ok((!newest.is_empty()).then(|| Orphan {
        model_name,
        data_names: newest.into_iter().map(|data| data.name).collect(),
        versions,
        bytes,
        place,
    }))
}
