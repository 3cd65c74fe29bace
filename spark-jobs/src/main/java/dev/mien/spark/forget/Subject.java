package dev.mien.spark.forget;

import static org.apache.spark.sql.functions.col;

import org.apache.spark.sql.Column;

/** A person or a video that is forgotten. */
public sealed interface Subject {

  /** The condition for the subject's own rows in {@code videos}. */
  Column videos();

  /** The name whose hash is kept as a tombstone. */
  String name();

  /** All videos of one person, by the id that the dataset has. */
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

  /** One video, by the URI that the dataset has. */
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
