import type { ReadResult } from '../../core/scenario/read.ts'
import { readXml } from '../scenario/build.ts'

/** A scenario of a transaction, a tag, a match and books of its own, with these thresholds. */
export function readScenarioOf(thresholds: string): ReadResult {
  return readXml(`<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost"/></clients>
  <servers><server host="127.0.0.1" port="80" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="10" unit="second"><users arrivalrate="1" unit="second"/></arrivalphase>
  </load>
  <thresholds>${thresholds}</thresholds>
  <sessions>
    <session name="shop" probability="100" type="ts_http">
      <request tag="home"><match do="log" when="match" name="ok">hello</match><http url="/"/></request>
      <for from="1" to="2" var="i">
        <transaction name="buy"><request><http url="/buy"/></request></transaction>
        <count name="orders"/>
        <sum name="money" value="2"/>
      </for>
    </session>
  </sessions>
</tsung>
`)
}
