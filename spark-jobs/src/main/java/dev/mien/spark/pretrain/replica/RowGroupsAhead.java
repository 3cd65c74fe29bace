package dev.mien.spark.pretrain.replica;

import dev.mien.spark.dataset.clip.RowGroup;
import dev.mien.spark.pretrain.sample.Sample;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Names the row groups that a sequence of samples will need, each once, before it is needed. */
final class RowGroupsAhead {

  /** In the order in which samples need them. */
  private final List<RowGroup> rowGroups = new ArrayList<>();

  /** For each row group, the first sample that needs it. */
  private final List<Integer> first = new ArrayList<>();

  private int met;
  private int named;

  RowGroupsAhead(List<Sample> samples) {
    Set<RowGroup> seen = new HashSet<>();
    for (int i = 0; i < samples.size(); i++) {
      RowGroup rowGroup = samples.get(i).location().rowGroup();
      if (seen.add(rowGroup)) {
        rowGroups.add(rowGroup);
        first.add(i);
      }
    }
  }

  /**
   * The next row groups to read ahead of a sample: those that no earlier sample needs and that were
   * not named before.
   *
   * @param sample index from 0, not smaller than in the call before
   * @param most how many row groups may be named whose first sample is still to come
   */
  List<RowGroup> after(int sample, int most) {
    while (met < first.size() && first.get(met) < sample) {
      met++;
    }
    int from = Math.max(named, met);
    named = Math.max(from, Math.min(rowGroups.size(), met + most));
    return rowGroups.subList(from, named);
  }
}
