//! Generated code of every contract in proto/ and the descriptor set
