package dev.mien.spark.forget;

import static org.apache.spark.sql.functions.col;

import org.apache.spark.sql.Column;

/** Who or what is to be forgotten, or to be left out since. */
public sealed interface Subject {

  /** The rows of {@code videos} that are the subject's own. */
  Column videos();

  /** Under which the tombstone is kept, hashed. */
  String name();

  /** Everybody's videos of one person, as the dataset names them. */
  record Person(String id) implements Subject {

    @Override
    public Column videos() {
      return col("person_id").equalTo(id);
    }

    @Override
    public String name() {
      return "person " + id;
    }
  }

  /** One video, by its URI as the dataset names it. */
  record Video(String uri) implements Subject {

    @Override
    public Column videos() {
      return col("uri").equalTo(uri);
    }

    @Override
    public String name() {
      return "video " + uri;
    }
  }
}
