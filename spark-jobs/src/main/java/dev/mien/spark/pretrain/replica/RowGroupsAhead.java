package dev.mien.spark.pretrain.replica;

import dev.mien.spark.dataset.clip.RowGroup;
import dev.mien.spark.pretrain.sample.Sample;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The row groups of samples that are taken in their order, each named once, before it is met. */
final class RowGroupsAhead {

  /** In the order in which they are met. */
  private final List<RowGroup> rowGroups = new ArrayList<>();

  /** The sample that meets each. */
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
   * Of the next row groups that no sample before this one meets, those that were not named yet.
   *
   * @param sample from 0; no smaller one than in the call before
   * @param most row groups that may have been named, and not met
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
