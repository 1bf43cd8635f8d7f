"""Use cases: one public function, one transaction each."""
