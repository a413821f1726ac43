//! What a run needs of the machine: processes, directories, the network, the swamp under test.

pub mod environment;
pub mod exec;
pub mod leash;
pub mod leftovers;
pub(crate) mod limits;
pub mod net;
pub mod outlet;
pub mod sandbox;
pub(crate) mod second_world;
pub(crate) mod strays;
pub mod temp_dir;
pub mod under_test;
