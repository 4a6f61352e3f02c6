"""Interpret an archive of any size: from a disk or an object store into Parquet shards, on a cluster.

The plan lists all recordings in shards and is written first. A shard is written whole and named by its content, so that
it exists or does not: any number of interrupted runs leave the same files as one run.
"""
