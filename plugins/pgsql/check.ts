/** What Tsung's reader refuses in `<pgsql>`. */
import type { RequestCheck } from '../api.ts'

export const checkPgsql: RequestCheck = (element, error) => {
  const type = element.attributes.get('type')
  switch (type) {
    case 'cancel':
    case 'call':
    case 'copyfail': {
      const text = `Tsung has no <pgsql type="${type}">, though its DTD lists it`
      error('E_BAD_ATTRIBUTE', text, element.attributePosition('type'))
      return
    }
    case 'parse': {
      const numbers = (element.attributes.get('parameters') ?? '').replace(/,$/, '')
      if (numbers === '' || numbers.split(',').every((number) => /^[+-]?\d+$/.test(number))) return
      const text = `parameters="${numbers}": type="parse" wants whole numbers with commas between`
      error('E_BAD_ATTRIBUTE', text, element.attributePosition('parameters'), 'without blanks')
      return
    }
    case 'copy': {
      const bytes = element.text.trim()
      const isFromFile = (element.attributes.get('contents_from_file') ?? '') !== ''
      if (isFromFile || bytes === '' || bytes.split(',').every(isByte)) return
      const text = 'the text of type="copy" is the bytes to send, as numbers with commas between'
      error('E_BAD_ATTRIBUTE', text, element.position, 'or write contents_from_file')
      return
    }
    default:
      return
  }
}

function isByte(text: string): boolean {
  return /^\+?\d+$/.test(text) && Number(text) <= 255
}
