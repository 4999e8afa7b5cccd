mod counting;
mod properties;
mod table;
