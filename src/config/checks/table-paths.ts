/** How the normalised tables map back to the YAML. */
export interface TablePaths {
  readonly table: readonly (string | number)[];
  readonly rules: readonly (readonly (string | number)[])[];
}
