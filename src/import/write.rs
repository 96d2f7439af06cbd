//! The plan onto the disk: nothing is overwritten, and the same import twice writes nothing the second time.

use std::path::Path;

use rayon::prelude::*;

use super::{ImportError, Plan, Planned};
use crate::config::Config;

/// How a planned file stands to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    New,
    /// The very bytes are there.
    Same,
    /// Another file has the name.
    Differs,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    pub written: usize,
    pub same: usize,
}

/// How every planned file stands to the disk, in the order of the plan.
///
/// # Errors
/// A file that is there and cannot be read.
pub fn states(config: &Config, plan: &Plan) -> Result<Vec<State>, ImportError> {
    plan.files.par_iter().map(|file| state(config, file)).collect()
}

fn state(config: &Config, file: &Planned) -> Result<State, ImportError> {
    let target = config.content_dir().join(&file.target);
    match std::fs::symlink_metadata(&target) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(State::New),
        Err(source) => return Err(ImportError::Read { path: target, source }),
        Ok(metadata) if !metadata.is_file() => return Ok(State::Differs),
        Ok(_) => {}
    }
    let there = std::fs::read(&target).map_err(|source| ImportError::Read { path: target, source })?;
    Ok(if there == bytes(file)? { State::Same } else { State::Differs })
}

fn bytes(file: &Planned) -> Result<Vec<u8>, ImportError> {
    match &file.text {
        Some(text) => Ok(text.clone().into_bytes()),
        None => std::fs::read(&file.source).map_err(|source| ImportError::Read { path: file.source.clone(), source }),
    }
}

/// Writes what is new, and with `force` also what differs. Each file appears whole.
///
/// # Errors
/// The first file that could not be written; the import can be run again.
pub fn write(config: &Config, plan: &Plan, states: &[State], force: bool) -> Result<Written, ImportError> {
    let mut done = Written::default();
    for (file, state) in plan.files.iter().zip(states) {
        match state {
            State::Same => done.same += 1,
            State::Differs if !force => {}
            State::New | State::Differs => {
                let target = config.content_dir().join(&file.target);
                put(&target, &bytes(file)?).map_err(|source| ImportError::Write { path: target, source })?;
                done.written += 1;
            }
        }
    }
    Ok(done)
}

fn put(target: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = target.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    // Hidden names are not watched; a crash leaves one of them and no half of an article.
    let temp = folder.join(format!(".import-{}", std::process::id()));
    std::fs::write(&temp, bytes)?;
    std::fs::rename(&temp, target)
}
