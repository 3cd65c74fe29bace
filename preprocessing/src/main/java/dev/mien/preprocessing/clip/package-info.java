/**
 * A video file comes in; its report and its clips go out, and stored frames are decoded and drawn
 * again from here. Knows nothing of tables, clusters or networks.
 */
package dev.mien.preprocessing.clip;
