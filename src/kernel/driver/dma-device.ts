/**
 * The device that a driver maps memory for (struct device behind netdev_queue_get_dma_dev()). Simulated memory needs no
 * mapping; what is modelled is how often it is asked for, and that it can fail.
 */
export class DmaDevice {
  readonly name: string;
  /** Pages mapped, unmapped, and given back to the device after the host had them, since the start. */
  maps = 0;
  unmaps = 0;
  syncs = 0;
  /** Every n-th map fails; 0 = none. */
  mapFailEvery = 0;
  #sinceFailure = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** dma_map_page(). false = mapping error. */
  map(): boolean {
    if (this.mapFailEvery > 0 && ++this.#sinceFailure >= this.mapFailEvery) {
      this.#sinceFailure = 0;
      return false;
    }
    this.maps++;
    return true;
  }
}
